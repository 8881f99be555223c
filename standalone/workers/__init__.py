"""What comes from the queue: bookmakers' cycles (`run_cycle_worker.py`) and jobs (`run_worker.py`)."""
