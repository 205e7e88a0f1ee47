/// HTML of the stand-ins that `anteroom demo` puts at both sides of the gateway.
package enum DemoPages {
  /// The stand-in practice-management page. `gateway` is the gateway's base URL without a final slash; `accounts` are shown as they are.
  package static func clinic(gateway: String, accounts: [(user: String, password: String, name: String)]) -> [UInt8] {
    let markup: Markup = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="format-detection" content="telephone=no">
      <title>Patients – Harbour Physio – demo clinic</title>
      <link rel="icon" href="data:,">
      <style>\(clinicStyle)</style>
      </head>
      <body>
      <a class="skip" href="#patients">Skip to the patients</a>
      <header>
      <div class="brand"><span class="mark" aria-hidden="true"></span><p>Harbour Physio <span>demo clinic</span></p></div>
      <ul aria-label="Areas of a practice system; only Patients is in this demo">
      <li>Appointments</li><li class="current">Patients</li><li>Invoices</li><li>Reports</li><li>Settings</li>
      </ul>
      </header>
      <div class="columns">
      <main id="patients">
      <h1>Patients</h1>
      <p class="lead">Stand-in for Cliniko. Each patient has the <em>Open in</em> button of a connected app.</p>
      <ol>
      \(DemoPatient.all.markup { patient($0, gateway: gateway) })</ol>
      </main>
      <aside aria-labelledby="about">
      \(about(gateway: gateway, accounts: accounts))</aside>
      </div>
      </body>
      </html>

      """
    return Array(markup.text.utf8)
  }

  private static func patient(_ patient: DemoPatient, gateway: String) -> Markup {
    let initials = "\(patient.given.prefix(1))\(patient.family.prefix(1))"
    let address = "\(gateway)/patients?patient_id=\(patient.id)"
    return """
      <li class="patient" id="patient-\(patient.id)">
      <div class="who">
      <span class="face" aria-hidden="true">\(initials)</span>
      <div><h2>\(patient.name)</h2><p>\(patient.reason)</p></div>
      <a class="open" href="\(address, limit: 2048)" target="_blank" rel="noopener" aria-label="Open in Legacy Notes: \(patient.name), new tab"\
      ><span>Open in</span> <span aria-hidden="true">▸</span> Legacy Notes</a>
      </div>
      <dl>
      <div><dt>Born</dt><dd>\(patient.born)</dd></div>
      <div><dt>Phone</dt><dd>\(patient.phone)</dd></div>
      <div><dt>Practitioner</dt><dd>\(patient.practitioner)</dd></div>
      <div><dt>Next visit</dt><dd>\(patient.nextVisit)</dd></div>
      <div><dt>Patient id</dt><dd class="code">\(patient.id)</dd></div>
      </dl>
      </li>

      """
  }

  private static func about(gateway: String, accounts: [(user: String, password: String, name: String)]) -> Markup {
    """
    <h2 id="about">What this demo shows</h2>
    <ol class="steps">
    <li>Click <strong>Open in ▸ Legacy Notes</strong>. The link carries nothing but the patient’s id.</li>
    <li>The gateway asks you to <strong>sign in</strong>. Legacy Notes, which has no login of its own, hears nothing yet.</li>
    <li>You land on <strong>that very patient</strong>. The next click needs no login, and every tab keeps to its own patient.</li>
    </ol>
    <h3>Demo accounts</h3>
    <table>
    <thead><tr><th scope="col">User name</th><th scope="col">Password</th></tr></thead>
    <tbody>
    \(accounts.prefix(16).markup(account))</tbody>
    </table>
    <h3>Done?</h3>
    <p><a href="\(gateway, limit: 2048)/.anteroom/logout" target="_blank" rel="noopener">Sign out of the gateway</a>, \
    then use the browser’s Back button: no record comes back.</p>
    <p class="path"><span>Clinic</span> <b aria-hidden="true">→</b> <span>Gateway</span> <b aria-hidden="true">→</b> \
    <span>Legacy Notes</span></p>

    """
  }

  private static func account(_ account: (user: String, password: String, name: String)) -> Markup {
    """
    <tr><td><code>\(account.user, limit: 256)</code><small>\(account.name, limit: 256)</small></td>\
    <td><code>\(account.password, limit: 256)</code></td></tr>

    """
  }
}
