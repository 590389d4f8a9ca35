"""The audit: which requests came with the keys of service accounts, append only.

It knows ids alone: whose key, for whom, which route, and what it was about; no texts, no names and no secrets. So
nothing has to be taken out of it where a person is deleted. It knows no models of the apps above.
"""
