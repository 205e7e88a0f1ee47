/// Whether two texts are the same bytes. `==` takes for one what Unicode calls equivalent, such as K and the sign for kelvin.
package func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }
