"""What is not a text file: the databases that browsers keep settings in. Nothing in here writes."""
