lock: .venv  ## Resolve the dependencies anew into requirements/*.lock (hashes, no addresses)
	.venv/bin/pip install --quiet uv
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade pyproject.toml -o requirements/services.lock
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --all-extras -c requirements/services.lock pyproject.toml -o requirements/all.lock
