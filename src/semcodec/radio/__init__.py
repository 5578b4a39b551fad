"""Pictures over links that carry little: what is true of each link, what a packet costs on the air, and its text form.

    link = link_named("meshtastic")
    packets = semcodec.split(data, mtu=link.payload_bytes)

`links` (facts, in `links.json` with their sources). No network, no radio.
"""
