namespace Kybernet.Api.Generator;

/// <summary>One type of the fact table.</summary>
internal sealed class TypeFact
{
    private TypeFact(string name)
    {
        Name = name;
        var dot = name.LastIndexOf('.');
        ClassName = name.Substring(dot + 1);
        var parts = name.Substring(0, dot).Split('.');
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = Version(char.ToUpperInvariant(parts[i][0]) + parts[i].Substring(1));
        }
        Namespace = "Kybernet.Api." + string.Join(".", parts);
    }

    public string Name { get; }

    public string Namespace { get; }

    public string ClassName { get; }

    /// <summary>The first group/version/kind, where the type is that of a whole object.</summary>
    public string? Kind { get; private set; }

    /// <summary>The spelling of the value where the type is no object with fields.</summary>
    public string? Scalar { get; private set; }

    public List<FieldFact> Fields { get; } = new();

    /// <summary>Lists are read and written item by item by whoever has them; they need no model.</summary>
    public bool IsList => ClassName.EndsWith("List", StringComparison.Ordinal) && Fields.Exists(f => f.Type == "meta.v1.ListMeta");

    public bool HasObjectMeta => Fields.Exists(f => f.Name == "metadata" && f.Type == "meta.v1.ObjectMeta");

    public static List<TypeFact> Parse(string text)
    {
        var types = new List<TypeFact>();
        var isKnownElsewhere = false;
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ');
            if (line.Length == 0 || words[0] is "@" or "%")
            {
                continue;
            }
            if (words[0] is "=" or "~")
            {
                isKnownElsewhere = words[0] == "~";
            }
            if (isKnownElsewhere)
            {
                continue;
            }
            if (words[0] != "=")
            {
                types[types.Count - 1].Fields.Add(new FieldFact(words[0].TrimEnd('!'), words[1], words[0].EndsWith("!", StringComparison.Ordinal)));
                continue;
            }
            var type = new TypeFact(words[1]);
            for (var i = 2; i < words.Length; i++)
            {
                if (words[i].StartsWith("kind=", StringComparison.Ordinal))
                {
                    type.Kind ??= words[i].Substring(5);
                }
                else if (words[i].StartsWith("scalar=", StringComparison.Ordinal))
                {
                    type.Scalar = words[i].Substring(7);
                }
            }
            types.Add(type);
        }
        return types;
    }

    /// <summary><c>V1beta1</c> reads better as <c>V1Beta1</c>.</summary>
    private static string Version(string part) => part.Replace("alpha", "Alpha").Replace("beta", "Beta");
}

/// <summary>One field of a type: its JSON name, the spelling of its type, and whether it must be there.</summary>
internal sealed class FieldFact(string name, string type, bool required)
{
    public string Name { get; } = name;

    public string Type { get; } = type;

    public bool Required { get; } = required;
}

/// <summary>What the resource table says of a kind: where its objects are served.</summary>
internal sealed class ResourceFact(string plural, bool namespaced)
{
    public string Plural { get; } = plural;

    public bool Namespaced { get; } = namespaced;

    /// <summary>The main resource of each kind, by <c>group/version/Kind</c>.</summary>
    public static Dictionary<string, ResourceFact> Parse(string text)
    {
        var resources = new Dictionary<string, ResourceFact>();
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ');
            if (words.Length > 4 && words[2].IndexOf('/') < 0)
            {
                resources[words[4]] = new ResourceFact(words[2], words[3] == "namespaced");
            }
        }
        return resources;
    }
}
