"""What the operating system gives: locks, modes, groups, the environment, threads in the background."""
