import Printing
import Testing

@Suite struct TextTableTests {
    @Test func alignsColumnsAndLeavesNoBlanksAtTheEnd() {
        var table = TextTable(indent: 2)
        table.add("prefill", "95 rows/s", "")
        table.add("decode, 1 stream", "5 steps/s", "real-time factor 2.5")
        table.add("alone")
        #expect(
            table.lines == [
                "  prefill           95 rows/s",
                "  decode, 1 stream  5 steps/s  real-time factor 2.5",
                "  alone",
            ])
    }

    @Test func ofNothingIsNothing() { #expect(TextTable().text.isEmpty) }
}

@Suite struct QuantityTests {
    @Test(arguments: [
        (0.01234, "0.012"), (1.234, "1.23"), (12.34, "12.3"), (123.4, "123"), (12_345, "12345"), (-1.5, "-1.50"),
        (.infinity, "?"), (.nan, "?"),
    ])
    func keepsThreeDigitsThatCount(value: Double, text: String) { #expect(Quantity.number(value) == text) }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (3_474_000_000, "3.47 GB"), (999_600, "1.00 MB"),
    ])
    func scalesBytesByTheThousand(count: Int, text: String) { #expect(Quantity.bytes(count) == text) }

    @Test(arguments: [(7, "7"), (1_737_000_000, "1.74 G"), (152_697, "153 k")])
    func scalesCounts(count: Int, text: String) { #expect(Quantity.count(count) == text) }

    @Test func writesRatesAndShares() {
        #expect(Quantity.rate(18.3e9, "B/s") == "18.3 GB/s")
        #expect(Quantity.share(0.474) == "47 %")
    }
}
