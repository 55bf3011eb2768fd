# What `flux batch` runs: here, the fake one.
import os
import subprocess
import sys

sys.exit(subprocess.call([os.environ["FAKE_FLUX"], "batch"] + sys.argv[1:]))
