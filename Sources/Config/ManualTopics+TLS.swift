/// How TLS is spoken, with browsers and with apps.
extension ManualTopics {
  static let https = ManualTopics(
    name: "https", summary: "What TLS is spoken with browsers and apps, and how certificates are changed.",
    title: "https: TLS with browsers and apps",
    text: """
      TLS 1.2 and 1.3, with the ciphers and groups that Mozilla calls intermediate, less
      the DHE ones, whose handshake costs a server much more than a client. No
      compression, no renegotiation, no 0-RTT data. HTTP/1.1 is agreed on by ALPN where a
      client offers protocols; one that does not offer it is turned away.

      A listener speaks TLS with `tls` in its block:

          listen 0.0.0.0:443 { tls clinic.pem clinic.key }
          listen 0.0.0.0:80 { redirect https }

      For ports below 1024 the gateway's unit takes, under `[Service]`, the line

          AmbientCapabilities=CAP_NET_BIND_SERVICE

      A certificate's file begins with the certificate itself; those that lead from it to
      its authority follow (certbot: fullchain.pem). The key is for the gateway's user
      alone. Where another program renews them, it puts them in place for that user, as
      this deploy hook of certbot's does:

          #!/bin/sh
          cd /var/lib/anteroom/tls || exit
          install -o anteroom -m 0400 "$RENEWED_LINEAGE/privkey.pem" app.key
          install -o anteroom -m 0444 "$RENEWED_LINEAGE/fullchain.pem" app.pem

      Which certificate a browser gets depends on the name that it asks for, and nothing
      else does: which site answers, the request's `Host` tells. So a `Host` that another
      certificate is for is served as well (a browser asks for it over a connection of
      its own). `anteroom check` says which of the sites' hosts no certificate is for.

      Sessions are taken up again by tickets, which only this process can open: their
      keys are random, change every 8 hours, open tickets for 8 hours more, and are never
      written anywhere. A ticket is good for the same listener settings and the same
      certificates only: who was let in where no certificate was asked for cannot take
      that session where one is.

      Certificates, keys, authorities and OCSP answers are read again when their files
      change, within some seconds. Put the new certificate and key in place one after
      the other: as long as they do not fit each other, or one is broken, the old pair
      stays in force, and an error in the log says why. Connections that stand keep what
      they began with.

      An OCSP answer (`CERTIFICATE.ocsp`, see `tls`) is for browsers to know at once that
      the certificate was not revoked. Nothing here fetches it; a timer may:

          openssl ocsp -no_nonce -issuer issuer.pem -cert clinic.pem \\
              -url "$(openssl x509 -in clinic.pem -noout -ocsp_uri)" \\
              -respout new.ocsp && mv new.ocsp clinic.pem.ocsp

      It is verified when it is read, by the issuer's certificate, which has to be in the
      certificate's file behind the certificate (or in the answer). Whatever is wrong with
      it, the certificate is served, without it, and a warning says why, once; when its
      time is over as well. A fresh file is taken up as a certificate is.

      Who has shown a certificate, where `client_ca` asks for one, is told to the app: see
      there.

      Handshakes are bounded in number (`handshakes` in `limits`) and in time
      (`header_timeout`, which counts from the connection's beginning); of those that
      came at once each worker takes 16 steps between two rounds of other work. What comes
      to nothing is told in the log at most once a minute. Plain HTTP to a TLS port is
      answered 400.

      An https upstream is verified against the authorities that the system trusts, or
      those of `ca`, and by its host's name, or `server_name`. What fails there is a
      connection that does not come about: 502, and the reason in the log. Names are
      looked for in subjectAltName only. Sessions are taken up again there as well.

      `anteroom check`, and `run` before it starts, finds keys that others may read, keys
      that belong to other certificates, and broken files; it warns of certificates that
      have expired, are not valid yet, or expire within 14 days, and of OCSP answers that
      are not sent.
      """)
}
