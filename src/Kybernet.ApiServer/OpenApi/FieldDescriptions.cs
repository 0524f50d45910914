using System.IO.Compression;
using System.Text;

namespace Kybernet.ApiServer.OpenApi;

/// <summary>
/// What the API's types and fields are for, in words. The build draws them from the documentation of the KubernetesClient package into a compressed
/// resource; nothing of it is kept in memory beyond the writing of a document.
/// </summary>
internal sealed class FieldDescriptions
{
    private readonly Dictionary<(string Type, string Field), string> _descriptions;

    private FieldDescriptions(Dictionary<(string, string), string> descriptions) => _descriptions = descriptions;

    /// <summary>Reads the descriptions of some types, by their short names.</summary>
    public static FieldDescriptions Read(IReadOnlyCollection<string> types)
    {
        var wanted = types.ToHashSet(StringComparer.Ordinal);
        var descriptions = new Dictionary<(string, string), string>();
        using var resource = typeof(FieldDescriptions).Assembly.GetManifestResourceStream("descriptions.br")
            ?? throw new InvalidOperationException("the descriptions of the API are missing from the assembly");
        using var reader = new StreamReader(new BrotliStream(resource, CompressionMode.Decompress), Encoding.UTF8);
        var type = "";
        while (reader.ReadLine() is { } line)
        {
            var start = line.StartsWith("= ", StringComparison.Ordinal) ? 2 : 0;
            var space = line.IndexOf(' ', start);
            if (start > 0)
            {
                type = line[start..space];
            }
            if (wanted.Contains(type))
            {
                descriptions.Add((type, start > 0 ? "" : line[..space]), Unescape(line.AsSpan(space + 1)));
            }
        }
        return new FieldDescriptions(descriptions);
    }

    /// <summary>The description of a type's field, or of the type itself where no field is named; null where there is none.</summary>
    public string? Find(string type, string field) => _descriptions.GetValueOrDefault((type, field));

    /// <summary>A backslash stands before <c>n</c> for a new line, and before itself.</summary>
    private static string Unescape(ReadOnlySpan<char> text)
    {
        if (!text.Contains('\\'))
        {
            return text.ToString();
        }
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            plain.Append(text[i] != '\\' ? text[i] : text[++i] == 'n' ? '\n' : text[i]);
        }
        return plain.ToString();
    }
}
