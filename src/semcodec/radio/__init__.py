"""Pictures over links that carry little: what is true of each link, what a packet costs on the air, and its text form.

    link = link_named("meshtastic")
    packets = semcodec.split(data, mtu=link.payload_bytes)

`links` (facts, in `links.json` with their sources), airtime and text forms know no radio. `station` runs a `Sender` or
a `Listener`, which know none either, over one of those in `adapters`.
"""
