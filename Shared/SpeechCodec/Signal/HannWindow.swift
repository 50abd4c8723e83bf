import Foundation

enum HannWindow {
    /// ½ (1 − cos 2πn/length): the window whose next period would start at n = length.
    static func periodic(_ length: Int) -> [Float] {
        (0..<length).map { Float(0.5 * (1 - cos(2 * .pi * Double($0) / Double(length)))) }
    }
}
