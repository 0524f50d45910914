using System.Text;

namespace Kybernet.ApiServer.Authorization;

/// <summary>Upstream's messages quote values as Go does; clients and tests compare them.</summary>
internal static class GoText
{
    /// <summary>A string as <c>%q</c> prints it.</summary>
    public static string Quote(string value)
    {
        var text = new StringBuilder(value.Length + 2).Append('"');
        foreach (var character in value)
        {
            _ = character switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append(@"\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' or '\u007f' => text.Append($"\\x{(int)character:x2}"),
                _ => text.Append(character),
            };
        }
        return text.Append('"').ToString();
    }

    /// <summary>A list of strings as <c>%q</c> prints it.</summary>
    public static string Quote(IEnumerable<string> values) => $"[{string.Join(' ', values.Select(Quote))}]";
}
