# SIM7600G-H, firmware LE20B04SIM7600G22, answering as the AWS wiki shows it: a network command is
# silent until its result is known, and a failure is the result line followed by ERROR.
# Every key has its default, so this file sets none; 'sim7600 --dump profile' prints them all.
