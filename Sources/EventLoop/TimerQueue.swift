/// A binary heap of due times. An entry is never removed early: who owns it decides, when it comes up, whether it still means anything.
final class TimerQueue {
  struct Entry {
    var due: Int64
    var token: Pollable.Token
  }

  // Taken out while it changes, so that no access to this object is open meanwhile.
  private var heap: [Entry] = []

  /// The earliest due time; `nil` when nothing is queued.
  var earliest: Int64? { heap.first?.due }

  var count: Int { heap.count }

  func insert(_ entry: Entry) {
    var heap: [Entry] = []
    swap(&heap, &self.heap)
    defer { swap(&heap, &self.heap) }
    heap.append(entry)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].due < heap[parent].due else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes the earliest entry if it is due at `now`.
  func popDue(_ now: Int64) -> Entry? {
    guard let first = heap.first, first.due <= now else { return nil }
    var heap: [Entry] = []
    swap(&heap, &self.heap)
    defer { swap(&heap, &self.heap) }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].due < heap[least].due { least = child }
      guard least != parent else { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
