/// The opcodes that `torch.save` writes for tensors, and those of newer pickle protocols that say the same.
enum PickleOpcode: UInt8 {
    case proto = 0x80
    case frame = 0x95
    case stop = 0x2E  // .
    case mark = 0x28  // (
    case none = 0x4E  // N
    case newTrue = 0x88
    case newFalse = 0x89
    case integer4 = 0x4A  // J
    case integer1 = 0x4B  // K
    case integer2 = 0x4D  // M
    case long1 = 0x8A
    case float = 0x47  // G
    case text = 0x58  // X
    case shortText = 0x8C
    case emptyTuple = 0x29  // )
    case tuple = 0x74  // t
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case emptyList = 0x5D  // ]
    case append = 0x61  // a
    case appends = 0x65  // e
    case emptyDictionary = 0x7D  // }
    case setItem = 0x73  // s
    case setItems = 0x75  // u
    case global = 0x63  // c
    case stackGlobal = 0x93
    case reduce = 0x52  // R
    case build = 0x62  // b
    case persistentID = 0x51  // Q
    case put1 = 0x71  // q
    case put4 = 0x72  // r
    case memoize = 0x94
    case get1 = 0x68  // h
    case get4 = 0x6A  // j
}
