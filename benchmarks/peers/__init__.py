"""What people would pick instead: the same three steps, each written as its own documentation writes them.

As the services announce `alert.delivered`, each hands a last message on, which waits in the queue `alerted`.

All of them call the same rules (`rules.py`), use the same broker with durable queues and publisher confirms, and write
to the same database, acknowledged by the majority and journaled. None of them does more than that: nothing that makes a
repeat known, no serial numbers by commune, no dead letters. So each does less work a dossier than the services do.
"""
