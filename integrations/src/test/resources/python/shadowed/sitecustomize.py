import sys

sys.freshet_test_shadowed = True
