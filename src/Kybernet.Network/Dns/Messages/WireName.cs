using System.Text;

namespace Kybernet.Network.Dns.Messages;

/// <summary>
/// Names as messages carry them: labels, each after its length, and a zero. The server's own are lower case and never compressed, so that two of them
/// are one name exactly when their bytes are the same.
/// </summary>
internal static class WireName
{
    public const int MaxLength = 255;
    private const int MaxLabel = 63;
    private const int PointerBits = 0xC0;

    /// <summary>The root.</summary>
    public static byte[] Root { get; } = [0];

    /// <summary>Encodes a name with dots, in lower case; a dot at its end says nothing new.</summary>
    /// <exception cref="FormatException">It is no name: a label or the whole is empty or too long.</exception>
    public static byte[] Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException($"\"{text}\" is no DNS name");

    /// <summary>Encodes a name with dots, if it is one.</summary>
    public static bool TryParse(string text, out byte[] name)
    {
        name = Root;
        var trimmed = text.EndsWith('.') ? text[..^1] : text;
        if (trimmed.Length == 0)
        {
            return text.Length > 0;
        }
        var bytes = new List<byte>(trimmed.Length + 2);
        foreach (var label in trimmed.Split('.'))
        {
            var encoded = Encoding.UTF8.GetBytes(label);
            if (encoded.Length is 0 or > MaxLabel)
            {
                return false;
            }
            bytes.Add((byte)encoded.Length);
            bytes.AddRange(encoded);
        }
        bytes.Add(0);
        if (bytes.Count > MaxLength)
        {
            return false;
        }
        name = [.. bytes];
        ToLower(name);
        return true;
    }

    /// <summary>The name with dots, one of them at its end.</summary>
    public static string ToText(ReadOnlySpan<byte> name)
    {
        if (name.Length <= 1)
        {
            return ".";
        }
        var text = new StringBuilder(name.Length);
        for (var offset = 0; name[offset] != 0; offset += name[offset] + 1)
        {
            text.Append(Encoding.UTF8.GetString(name.Slice(offset + 1, name[offset]))).Append('.');
        }
        return text.ToString();
    }

    /// <summary>Lower case, in place. Lengths are at most 63, below any letter, so the whole can be treated alike.</summary>
    public static void ToLower(Span<byte> name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if ((uint)(name[i] - 'A') <= 'Z' - 'A')
            {
                name[i] |= 0x20;
            }
        }
    }

    /// <summary>Whether a name is a zone's own or lies below it. Both in lower case.</summary>
    public static bool IsWithin(ReadOnlySpan<byte> name, ReadOnlySpan<byte> zone)
    {
        if (!name.EndsWith(zone))
        {
            return false;
        }
        // The bytes of a suffix may begin in the middle of a label.
        var offset = 0;
        while (offset < name.Length - zone.Length)
        {
            offset += name[offset] + 1;
        }
        return offset == name.Length - zone.Length;
    }

    /// <summary>The name without its first label; the root's is the root.</summary>
    public static ReadOnlySpan<byte> Parent(ReadOnlySpan<byte> name) => name[0] == 0 ? name : name[(name[0] + 1)..];

    /// <summary>How many labels a name has.</summary>
    public static int CountLabels(ReadOnlySpan<byte> name)
    {
        var count = 0;
        for (var offset = 0; name[offset] != 0; offset += name[offset] + 1)
        {
            count++;
        }
        return count;
    }

    /// <summary>
    /// Reads a name of a message, following its pointers, as it is spelt. A pointer has to lead backwards, so that none leads in circles.
    /// </summary>
    /// <param name="message">The whole message.</param>
    /// <param name="offset">Where the name begins; afterwards, where what follows it begins.</param>
    /// <param name="name">Takes the name: <see cref="MaxLength"/> bytes.</param>
    /// <param name="length">How many bytes it has.</param>
    /// <returns>Whether it is a name at all.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int offset, Span<byte> name, out int length)
    {
        length = 0;
        var at = offset;
        var next = -1;
        while ((uint)at < (uint)message.Length)
        {
            var size = message[at];
            if ((size & PointerBits) == PointerBits)
            {
                if (at + 1 >= message.Length)
                {
                    return false;
                }
                var target = ((size & ~PointerBits) << 8) | message[at + 1];
                if (target >= at)
                {
                    return false;
                }
                next = next < 0 ? at + 2 : next;
                at = target;
                continue;
            }
            if (size > MaxLabel || at + 1 + size > message.Length || length + 1 + size > MaxLength)
            {
                return false;
            }
            message.Slice(at, size + 1).CopyTo(name[length..]);
            length += size + 1;
            at += size + 1;
            if (size == 0)
            {
                offset = next < 0 ? at : next;
                return true;
            }
        }
        return false;
    }
}
