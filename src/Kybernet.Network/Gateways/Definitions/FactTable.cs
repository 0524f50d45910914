using System.Text;

namespace Kybernet.Network.Gateways.Definitions;

/// <summary>One field of a type: its name, the spelling of its type, whether it must be there, and what else is said of it, word by word.</summary>
internal sealed record FieldFact(string Name, string Type, bool IsRequired, IReadOnlyList<KeyValuePair<string, string>> Words);

/// <summary>A column of what <c>kubectl get</c> shows.</summary>
internal sealed record ColumnFact(string Name, string Type, string Path, bool IsWide);

/// <summary>A kind and where its objects are served. <see cref="OlderVersion"/> is served beside <see cref="Version"/>, with the same fields.</summary>
internal sealed record KindFact(string Group, string Version, string Plural, bool IsNamespaced, string Kind, string? ShortName, string? OlderVersion)
{
    public List<ColumnFact> Columns { get; } = [];
}

/// <summary>
/// The facts of the Gateway API, from the tables that its models are generated from too. A type is a block of lines: <c>= name</c> (<c>~ name</c>
/// where the type is one of Kubernetes itself), then a line a field: <c>name[!] type [list=..] [keys=..] [minLength=..] .. [rule=..] [default=JSON]</c>,
/// the default last. A rule, which many fields share, is a line <c>% name word ...</c>.
/// </summary>
internal sealed class FactTable
{
    private const string DefaultWord = "default=";

    private readonly Dictionary<string, List<FieldFact>> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<KeyValuePair<string, string>>> _rules = new(StringComparer.Ordinal);

    private FactTable(string types, string resources)
    {
        List<FieldFact> fields = [];
        foreach (var line in types.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ', 3);
            switch (words[0])
            {
                case "%":
                    _rules.Add(words[1], Words(words[2]));
                    break;
                case "=" or "~":
                    _types.Add(words[1], fields = []);
                    break;
                default:
                    fields.Add(new FieldFact(words[0].TrimEnd('!'), words[1], words[0].EndsWith('!'), Words(words.ElementAtOrDefault(2) ?? "")));
                    break;
            }
        }
        Kinds = ReadKinds(resources);
    }

    public IReadOnlyList<KindFact> Kinds { get; }

    public static FactTable Load() => new(Text("gateway-types.txt"), Text("gateway-resources.txt"));

    public IReadOnlyList<FieldFact> Fields(string type) => _types[type];

    public IReadOnlyList<KeyValuePair<string, string>> Rule(string name) => _rules[name];

    private static List<KindFact> ReadKinds(string resources)
    {
        var kinds = new List<KindFact>();
        foreach (var line in resources.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ');
            if (words[0] == "|")
            {
                kinds[^1].Columns.Add(new ColumnFact(words[1], words[2], words[3], words.Length > 4));
                continue;
            }
            var kind = words[4][(words[4].LastIndexOf('/') + 1)..];
            kinds.Add(new KindFact(words[0], words[1], words[2], words[3] == "namespaced", kind, Optional(words[5]), Optional(words[6])));
        }
        return kinds;
    }

    private static string? Optional(string word) => word == "-" ? null : word;

    private static List<KeyValuePair<string, string>> Words(string text)
    {
        var words = new List<KeyValuePair<string, string>>();
        while (text.Length > 0)
        {
            var end = text.StartsWith(DefaultWord, StringComparison.Ordinal) ? -1 : text.IndexOf(' ');
            var word = end < 0 ? text : text[..end];
            var equals = word.IndexOf('=');
            words.Add(new(word[..equals], word[(equals + 1)..]));
            text = end < 0 ? "" : text[(end + 1)..];
        }
        return words;
    }

    private static string Text(string name)
    {
        using var stream = typeof(FactTable).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
