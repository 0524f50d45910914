using System.Globalization;
using System.Text;

namespace Kybernet.Store.CrashWriter.Histories;

/// <summary>Values that tell who wrote them, and whether they are whole.</summary>
public static class Values
{
    /// <summary>A value of a size, and the token that it is known by.</summary>
    public static (string Token, ReadOnlyMemory<byte> Value) Make(string id, int size)
    {
        var token = string.Create(CultureInfo.InvariantCulture, $"{id}/{size}");
        return (token, Encoding.UTF8.GetBytes($"{token} {new string('x', size)}"));
    }

    /// <summary>What is said of a key in a history.</summary>
    public static string StateOf(KeyValue? item) => item is null
        ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{item.ModRevision}:{item.CreateRevision}:{item.Version}:{TokenOf(item.Value.Span)}");

    private static string TokenOf(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value);
        var end = text.IndexOf(' ', StringComparison.Ordinal);
        return end > 0 && text[..end].Split('/') is [_, var size] && int.Parse(size, CultureInfo.InvariantCulture) == text.Length - end - 1
            ? text[..end]
            : "torn";
    }
}
