/// Where apps show their patients.
extension ManualTopics {
  static let patientAddress = ManualTopics(
    name: "patient-address", summary: "Apps that show a patient elsewhere, or by an id of their own.",
    title: "patient-address: where the app really shows a patient",
    text: """
      The patient button leads to one address, such as `/patients?patient_id=123`. Some
      apps show a patient there, or go by the header `X-Cliniko-Patient-Id`. For others:

      1. Open a patient in the app, and look at the browser's address bar. Open another
         one. What differs is what the app calls a patient.

      2. Is it the number that Cliniko has (the one in the address of Cliniko's own page
         of that patient)? Then `to` alone will do, whether the number is in the path, in
         the query or behind a `#`:

             patient /patients {
                 to "/app/explorer.html#patient?uuid={patient_id}"
             }

      3. Is it an id of the app's own? Then the app must know Cliniko's number as well,
         as a chart or reference number, say, and have an address that answers with its
         own id when it is asked for that number. The browser's developer tools (network)
         show what the app's own search asks for; its API's documentation may name more.

             patient /patients {
                 to "/records/{app_id}"
                 lookup GET "/api/patients?reference={patient_id}" {
                     id json:results.*.id
                     where reference "{patient_id}"
                 }
             }

         If the answer is `{"results": [{"id": 41, "reference": "123"}]}`, the browser
         goes to /records/41. `where` makes sure of it: many searches find 1234 as well
         when they are asked for 123.

         A FHIR server, which knows the number as an identifier:

             patient /patients {
                 to "/chart?patient={app_id}"
                 lookup GET "/fhir/Patient?identifier=cliniko%7C{patient_id}" {
                     id json:entry.*.resource.id
                     where resourceType Patient
                 }
             }

         Orthanc, which finds patients, studies and series by their numbers:

             patient /patients {
                 to "/app/explorer.html#patient?uuid={app_id}"
                 lookup POST /tools/lookup {
                     body "{patient_id}"
                     type text/plain
                     id json:*.ID
                     where Type Patient
                 }
             }

      The app is asked as the user who has clicked: with their cookies at the app, the
      identity headers, and the fields of `request`. So an app with a login of its own
      (`login app`) answers as it would in the browser. Try the address with curl first,
      with such a cookie or secret.

      What may come of it:

          one id          302 to the address of `to`, and a line in the audit trail
          none, or 404    a page: the app does not know this patient (404)
          several         a page: the app knows several (409); none of them is opened
          403             a page: this user may not
          anything else   502, 503 or 504; the log says what was wrong, without the number

      Whatever the app shows then is its own business: the page at the address of `to` is
      a patient request for the gateway only if a `patient` rule names its path too. That
      is worth writing where the address has the number in its query, for the audit trail
      and `Cache-Control: no-store`:

          patient /record { query number }
      """)
}
