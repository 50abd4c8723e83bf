internal import Compute
internal import Tokens

/// How a request comes to the keys and values of its prompt: pages that were kept are taken over, pages that another
/// request is reading just now are waited for, the rest is read, and kept for others.
final class PromptReading {
    let grid: TokenGrid
    private let cache: KeyValueCache
    private let stock: KeyValuePages
    /// Full pages of the cache that are among the kept ones, and the last of them.
    private var pagesKept = 0
    private var lastKept: PromptPages.Node?
    /// The request that reads the same rows, and how many pages the two prompts share.
    private weak var leader: PromptReading?
    private var pagesOfLeader = 0
    /// Rows that were not read, because another request had read them.
    private(set) var rowsAdopted = 0

    /// - Parameters:
    ///   - grid: At least one row.
    ///   - others: Of the requests that run already, in the order of their coming.
    init(_ grid: TokenGrid, cache: KeyValueCache, stock: KeyValuePages, beside others: [PromptReading]) {
        self.grid = grid
        self.cache = cache
        self.stock = stock
        adopt()
        for other in others where !other.isRead {
            let pages = sharedPages(other)
            if pages > pagesOfLeader { (leader, pagesOfLeader) = (other, pages) }
        }
    }

    /// Full pages of the prompt that need not be read: the last row is read in any case, for its logits.
    static func adoptablePages(_ grid: TokenGrid) -> Int { (grid.rows - 1) / AttentionKernels.pageRows }

    static func idsPerPage(_ grid: TokenGrid) -> Int { AttentionKernels.pageRows * grid.channels }

    private var isRead: Bool { cache.rows >= grid.rows }

    /// Takes over the pages that come next as long as there are some.
    func adopt() {
        while pagesKept < Self.adoptablePages(grid), cache.rows == pagesKept * AttentionKernels.pageRows,
            let next = stock.prompts.next(after: lastKept, ids: idsOfPage(pagesKept))
        {
            cache.adopt(next.page)
            remember(next)
            rowsAdopted += AttentionKernels.pageRows
        }
    }

    /// The next page is being read by another request, which will keep it.
    var isWaiting: Bool {
        guard let leader, cache.rows == pagesKept * AttentionKernels.pageRows, pagesKept < pagesOfLeader else {
            return false
        }
        return leader.cache.rows < cache.rows + AttentionKernels.pageRows
    }

    /// Keeps the pages that are full since the last time.
    func keepPages() {
        while (pagesKept + 1) * AttentionKernels.pageRows <= min(cache.rows, grid.rows) {
            let ids = idsOfPage(pagesKept)
            if let kept = stock.prompts.next(after: lastKept, ids: ids) {
                // Whoever holds a kept page holds the kept ones before it (`PromptPages.dropOldest`).
                cache.replacePage(pagesKept, by: kept.page)
                remember(kept)
            } else {
                remember(stock.prompts.keep(cache.fullPage(pagesKept), after: lastKept, ids: ids))
            }
        }
    }

    private func remember(_ node: PromptPages.Node) {
        lastKept = node
        pagesKept += 1
    }

    private func idsOfPage(_ index: Int) -> ArraySlice<Int32> {
        grid.ids[index * Self.idsPerPage(grid)..<(index + 1) * Self.idsPerPage(grid)]
    }

    private func sharedPages(_ other: PromptReading) -> Int {
        let most = min(Self.adoptablePages(grid), other.grid.rows / AttentionKernels.pageRows)
        return (0..<most).first { idsOfPage($0) != other.idsOfPage($0) } ?? most
    }
}
