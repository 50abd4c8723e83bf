internal import Compute

/// How keys and values of all layers lie in a page of `Kernels.pageRows` rows.
package struct KeyValueLayout: Equatable, Sendable {
    let layers, heads, headSize: Int

    /// Floats of one head's keys, or values, in a page.
    private var block: Int { Kernels.pageRows * headSize }
    var pageFloats: Int { layers * heads * 2 * block }
    package var pageBytes: Int { pageFloats * 4 }

    func keyOffset(layer: Int, head: Int) -> Int { (layer * heads + head) * 2 * block }
    func valueOffset(layer: Int, head: Int) -> Int { keyOffset(layer: layer, head: head) + block }

    /// Pages that hold `rows` rows.
    package func pages(forRows rows: Int) -> Int { (rows + Kernels.pageRows - 1) / Kernels.pageRows }

    func rows(inPages pages: Int) -> Int { pages * Kernels.pageRows }
}

/// A bounded stock of pages. Pages given back are used again, so that a long run asks the system for memory only while
/// its peak grows. Belongs to one thread.
package final class KeyValuePages {
    package let layout: KeyValueLayout
    package let capacity: Int
    /// Pages that a cache holds now.
    package private(set) var used = 0
    private var free: [AlignedFloats] = []

    package init(layout: KeyValueLayout, capacity: Int) {
        self.layout = layout
        self.capacity = capacity
    }

    func take() -> AlignedFloats? {
        guard used < capacity else { return nil }
        used += 1
        return free.popLast() ?? AlignedFloats(count: layout.pageFloats)
    }

    func giveBack(_ pages: [AlignedFloats]) {
        used -= pages.count
        free.append(contentsOf: pages)
    }
}

/// Keys and values of one sequence, rotated and normalised, f32, in pages. Belongs to one thread.
///
/// - Invariant: `bases[i]` is the address of `pages[i]`; kernels read the list while no row is added.
package final class KeyValueCache {
    /// Rows whose keys and values are written.
    package private(set) var rows = 0
    private let stock: KeyValuePages
    private var pages: [AlignedFloats] = []
    private var bases: [UnsafePointer<Float>] = []

    package init(_ stock: KeyValuePages) { self.stock = stock }

    deinit { stock.giveBack(pages) }

    /// Makes room for `count` more rows; false when the stock has no page left.
    package func reserve(_ count: Int) -> Bool {
        while pages.count < stock.layout.pages(forRows: rows + count) {
            guard let page = stock.take() else { return false }
            pages.append(page)
            bases.append(UnsafePointer(page.base))
        }
        return true
    }

    /// The rows reserved and written by a forward pass now count.
    func advance(_ count: Int) { rows += count }

    func withBases<R>(_ body: (UnsafePointer<UnsafePointer<Float>>) -> R) -> R {
        bases.withUnsafeBufferPointer { list in
            guard let start = list.baseAddress else { preconditionFailure("no row is reserved") }
            return body(start)
        }
    }

    /// Where the keys of `row` begin, for the head at `offset` of the layout.
    func address(row: Int, offset: Int) -> UnsafeMutablePointer<Float> {
        pages[row / Kernels.pageRows].base + offset + row % Kernels.pageRows * stock.layout.headSize
    }
}
