"""The laws of the pipeline, on virtual time.

Conservation, exactly once, order, barrier, age, size, isolation, cancellation and close must hold
after every step of every program that logs, flushes, waits, is cancelled and closes, whatever the
sinks do meanwhile.  The parts, in reading order:

    witness       a sink that follows a script and remembers what it promised
    interruption  cancels what is awaited, at a chosen suspension point
    book          what the program knows of the lines it logged
    world         a logger, its sinks, a book and an event loop; and what a program may do there
    statutes      the laws: each a function that looks at a world
    machine       hypothesis: random programs in random worlds
    mutants       faulty variants of asynclog, each of which must break a law
"""
