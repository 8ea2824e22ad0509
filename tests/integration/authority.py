"""A private certificate authority, and a server certificate by it for `localhost`."""

from pathlib import Path

import trustme

from tools.stack.ports import free_ports


class Authority:
    """Files in PEM: `ca_file` is what clients trust; `certificate` and `key` are the server's."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost")
        self.ca_file, self.certificate, self.key = folder / "ca.pem", folder / "cert.pem", folder / "key.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        certificate.private_key_pem.write_to_path(str(self.key))
        for blob in certificate.cert_chain_pems:
            blob.write_to_path(str(self.certificate), append=True)
        (self.amqps_port,) = free_ports(1)

    @property
    def rabbitmq_conf(self) -> str:
        """RabbitMQ's settings for TLS on a port of its own."""
        return (
            f"listeners.ssl.1 = 127.0.0.1:{self.amqps_port}\n"
            f"ssl_options.cacertfile = {self.ca_file}\n"
            f"ssl_options.certfile = {self.certificate}\n"
            f"ssl_options.keyfile = {self.key}\n"
            "ssl_options.verify = verify_none\n"
        )
