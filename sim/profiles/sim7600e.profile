# SIM7600E and SIM7600EI of 2020 to 2022: identity and line order of the captures freematics-sim7600e-boot-start-accq,
# tinygsm430-sim7600e-cipopen (SIM7600E) and p10-* (SIM7600EI): OK at once, the result line later.
extend = sim7600-async
model = SIMCOM_SIM7600E
revision = SIM7600M21-A_V1.1
firmware = LE11B12SIM7600M21-A
# p10-aws-connect-ok: the emergency context is written in capitals, and voice over LTE brings context 2 up
context.sos = SOS
context.ims = active
