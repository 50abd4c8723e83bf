internal import Compute

/// Keys and values of one sequence, rotated and normalised, in pages. Belongs to one thread.
///
/// - Invariant: `bases[i]` is the address of `pages[i]`. Kernels read the list, which has room for all pages of the stock.
package final class KeyValueCache {
    /// Rows whose keys and values are written.
    package private(set) var rows = 0
    private let stock: KeyValuePages
    private var pages: [KeyValuePage] = []
    let bases: UnsafeMutablePointer<UnsafeRawPointer>

    package init(_ stock: KeyValuePages) {
        self.stock = stock
        bases = .allocate(capacity: stock.capacity)
    }

    deinit {
        stock.giveBack(pages)
        bases.deallocate()
    }

    /// Makes room for `count` more rows; false when the stock has no page left.
    package func reserve(_ count: Int) -> Bool {
        while pages.count < stock.layout.pages(forRows: rows + count) {
            guard let page = stock.take() else { return false }
            append(page)
        }
        return true
    }

    private func append(_ page: KeyValuePage) {
        (bases + pages.count).initialize(to: UnsafeRawPointer(page.base))
        pages.append(page)
    }

    package var pageCount: Int { pages.count }

    /// Takes over a page of rows that come next, written by another cache; it is not written to.
    ///
    /// - Precondition: Every page so far is full.
    func adopt(_ page: KeyValuePage) {
        precondition(rows == stock.layout.rows(inPages: pages.count), "a page adopted in the middle of another")
        stock.share(page)
        append(page)
        rows += AttentionKernels.pageRows
    }

    /// Uses another page of the same contents in the place of one of its own.
    func replacePage(_ index: Int, by page: KeyValuePage) {
        stock.share(page)
        stock.giveBack([pages[index]])
        pages[index] = page
        bases[index] = UnsafeRawPointer(page.base)
    }

    /// A page whose rows are all written.
    func fullPage(_ index: Int) -> KeyValuePage {
        precondition(stock.layout.rows(inPages: index + 1) <= rows, "page \(index) of \(rows) rows is not full")
        return pages[index]
    }

    /// The rows reserved and written by a forward pass now count.
    func advance(_ count: Int) { rows += count }
}
