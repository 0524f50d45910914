using Microsoft.Win32.SafeHandles;

namespace Kybernet.Kubelet.DBus;

/// <summary>What a message is, as D-Bus numbers it.</summary>
internal enum DBusMessageType : byte
{
    MethodCall = 1,
    MethodReturn = 2,
    Error = 3,
    Signal = 4,
}

/// <summary>A message of D-Bus, of those headers that are of interest here.</summary>
internal sealed record DBusMessage(DBusMessageType Type)
{
    /// <summary>The sender's number of it.</summary>
    public uint Serial { get; init; }

    /// <summary>The number of the call that it answers.</summary>
    public uint ReplySerial { get; init; }

    public string Path { get; init; } = "";

    public string Interface { get; init; } = "";

    public string Member { get; init; } = "";

    public string ErrorName { get; init; } = "";

    public string Destination { get; init; } = "";

    public string Sender { get; init; } = "";

    /// <summary>The types of what the body holds.</summary>
    public string Signature { get; init; } = "";

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Files that came along. Whoever gets the message owns them.</summary>
    public IReadOnlyList<SafeFileHandle> Files { get; init; } = [];

    /// <summary>How many files come along.</summary>
    public uint FileCount { get; init; }
}
