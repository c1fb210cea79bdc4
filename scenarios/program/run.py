#!/usr/bin/python3
"""Tests of sim7600 from outside: run.py BUILD SOURCE MODULE. The last line is 'N passed, N failed, N skipped'."""
import sys
import unittest

import kit


def main():
    kit.BUILD, kit.SOURCE, module = sys.argv[1:4]
    suite = unittest.defaultTestLoader.loadTestsFromName(module)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    bad, skipped = len(result.failures) + len(result.errors), len(result.skipped)
    print(f"{result.testsRun - bad - skipped} passed, {bad} failed, {skipped} skipped")
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


sys.exit(main())
