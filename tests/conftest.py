"""For all tests: one thread for scikit-learn, in this process and in those that it starts.

Its threads wait for each other by spinning, which takes time from the test process on the other core.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"
