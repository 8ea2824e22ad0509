"""What people would pick instead: the same three steps, each written as its own documentation writes them.

As the services announce `alert.delivered`, each hands a last message on, which waits in the queue `alerted`.

All of them call the same rules (`rules.py`), use the same broker with durable queues and publisher confirms, and write
to the same database, acknowledged by the majority and journaled. One of them (`inbox_outbox.py`) makes the services'
promise too: a repeat is known, nothing that was committed stays unsent, and what fails ends as a dead letter. The
others do not. None gives serial numbers by commune.
"""
