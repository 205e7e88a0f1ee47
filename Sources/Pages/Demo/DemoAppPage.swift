extension DemoPages {
  /// A page of the stand-in legacy app: the record of the patient whose id arrived, a list of all, the notes, or what it is about, each with
  /// a table of what arrived.
  package static func app(record request: DemoRequest) -> [UInt8] {
    let (title, main) = content(request)
    let who = request.user ?? "nobody signed in"
    let markup: Markup = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="format-detection" content="telephone=no">
      <title>\(title) – Legacy Notes</title>
      <link rel="icon" href="data:,">
      <style>\(appStyle)</style>
      </head>
      <body>
      <div class="window">
      <header><p>Legacy Notes 4.2</p><p id="user">\(who, limit: 256)</p></header>
      <nav aria-label="Legacy Notes">
      \(tab("/", "Patients", request))\(tab("/notes", "Notes", request))\(tab("/about", "About", request))\
      <a class="out" href="/.anteroom/logout">Sign out</a>
      </nav>
      <main>
      \(main)</main>
      <section class="arrived" aria-labelledby="arrived">
      <h2 id="arrived">What arrived at Legacy Notes</h2>
      \(arrived(request))</section>
      <footer><p>© 2004 Ledgerline Clinical Software (made up for this demo)</p><p>No login of its own</p></footer>
      </div>
      </body>
      </html>

      """
    return Array(markup.text.utf8)
  }

  private static func tab(_ path: String, _ words: String, _ request: DemoRequest) -> Markup {
    let here = request.path == path || (path == "/" && request.path.hasPrefix("/patients"))
    return "<a href=\"\(path)\"\(here ? " aria-current=\"page\"" as Markup : "")>\(words)</a>\n"
  }

  private static func content(_ request: DemoRequest) -> (title: String, main: Markup) {
    switch request.path {
    case "/patients", "/patients/":
      guard let id = request.patientID else { return ("Patients", list(request)) }
      guard let patient = DemoPatient.with(id: id) else { return ("Unknown patient", unknown(id)) }
      return (patient.name, record(patient, request))
    case "/": return ("Patients", list(request))
    case "/notes": return ("Notes", allNotes(request))
    case "/about": return ("About", about(request))
    default:
      return ("Not found", "<h1>Not found</h1>\n<p>Legacy Notes has no page at this address.</p>\n")
    }
  }

  private static func record(_ patient: DemoPatient, _ request: DemoRequest) -> Markup {
    let notes = request.notes.filter { $0.patientID == patient.id }
    return """
      <h1 id="patient-name">\(patient.family), \(patient.given)</h1>
      <div class="pair">
      <fieldset><legend>Patient</legend>
      <dl>
      <dt>Patient no.</dt><dd id="patient-id">\(patient.id)</dd>
      <dt>Date of birth</dt><dd>\(patient.born)</dd>
      <dt>Phone</dt><dd>\(patient.phone)</dd>
      <dt>Seen for</dt><dd>\(patient.reason)</dd>
      <dt>Therapist</dt><dd>\(patient.practitioner)</dd>
      </dl>
      </fieldset>
      <fieldset><legend>History</legend>
      <ul class="history">
      \(patient.history.markup { "<li><b>\($0.date)</b> <span>\($0.author)</span><br>\($0.text)</li>\n" })</ul>
      </fieldset>
      </div>
      <fieldset id="notes"><legend>Notes</legend>
      \(noteList(notes))<form method="post" action="/notes">
      <input type="hidden" name="patient" value="\(patient.id)">
      <label for="note">New note</label>
      <textarea id="note" name="note" rows="2" maxlength="1000" required></textarea>
      <button type="submit">Save note</button>
      </form>
      </fieldset>

      """
  }

  private static func noteList(_ notes: [DemoNote]) -> Markup {
    guard !notes.isEmpty else { return "<p class=\"none\">No notes yet.</p>\n" }
    return """
      <ul class="history">
      \(notes.suffix(50).markup { "<li><b>\($0.author, limit: 256)</b><br><span class=\"text\">\($0.text)</span></li>\n" })</ul>

      """
  }

  private static func list(_ request: DemoRequest) -> Markup {
    """
    <h1>Patients</h1>
    <table class="grid">
    <thead><tr><th scope="col">Name</th><th scope="col">Patient no.</th><th scope="col">Seen for</th></tr></thead>
    <tbody>
    \(DemoPatient.all.markup {
      """
      <tr><td><a href="/patients?patient_id=\($0.id)">\($0.family), \($0.given)</a></td><td>\($0.id)</td><td>\($0.reason)</td></tr>

      """
    })</tbody>
    </table>

    """
  }

  private static func unknown(_ id: String) -> Markup {
    """
    <h1>Unknown patient</h1>
    <p>There is no file for patient no. <b id="patient-id">\(id, limit: 64)</b>. The three patients of this demo are in the \
    <a href="/">list</a>.</p>

    """
  }

  private static func allNotes(_ request: DemoRequest) -> Markup {
    """
    <h1>Notes</h1>
    <fieldset id="notes"><legend>All notes since the demo was started</legend>
    \(noteList(request.notes))</fieldset>
    <p>To write one, open a <a href="/">patient</a>.</p>

    """
  }

  private static func about(_ request: DemoRequest) -> Markup {
    """
    <h1>About Legacy Notes</h1>
    <p>This page is <b>open</b>: the gateway lets it through without a login. Everything else here needs one.</p>
    <p>Legacy Notes stands in for an app that cannot be changed. It has no login. It reads the patient from the query, as it did twenty \
    years ago, and believes the header fields that the gateway adds.</p>

    """
  }
}
