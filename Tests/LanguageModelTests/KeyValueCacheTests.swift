import LanguageModel
import TestSupport
import Testing

@Suite struct KeyValueCacheTests {
    @Test func pagesAreBoundedAndComeBack() throws {
        let layout = try SmallModels.model().cacheLayout
        let stock = KeyValuePages(layout: layout, capacity: 3)
        let first = KeyValueCache(stock)
        #expect(first.reserve(65))
        #expect(stock.used == 2)
        do {
            let second = KeyValueCache(stock)
            #expect(second.reserve(64))
            #expect(!second.reserve(65))
            #expect(stock.used == 3)
        }
        #expect(stock.used == 2)
        // Room that is there already costs no page.
        #expect(first.reserve(128))
        #expect(stock.used == 2)
    }

    @Test func bytesOfAPageFollowTheFormula() throws {
        let model = try SmallModels.model()
        #expect(model.cacheLayout.pageBytes == 64 * model.cacheBytesPerRow)
    }
}
