using System.Globalization;

namespace Kybernet.Api.Validation;

/// <summary>Where in an object a field is, as <c>details.causes</c> spells it: <c>spec.containers[0].ports[1].name</c>, <c>metadata.labels[a.b/c]</c>.</summary>
public sealed class FieldPath
{
    private readonly FieldPath? _parent;
    private readonly string _name;
    private readonly bool _isKey;

    private FieldPath(FieldPath? parent, string name, bool isKey)
    {
        _parent = parent;
        _name = name;
        _isKey = isKey;
    }

    /// <summary>Begins a path at a field of the whole object.</summary>
    public static FieldPath Of(string name) => new(null, name, isKey: false);

    /// <summary>A field of what this path names.</summary>
    public FieldPath Child(string name) => new(this, name, isKey: false);

    /// <summary>An item of the list that this path names.</summary>
    public FieldPath Index(int index) => new(this, index.ToString(CultureInfo.InvariantCulture), isKey: true);

    /// <summary>An entry of the map that this path names.</summary>
    public FieldPath Key(string key) => new(this, key, isKey: true);

    /// <inheritdoc/>
    public override string ToString() => (_parent, _isKey) switch
    {
        (null, _) => _name,
        (_, true) => $"{_parent}[{_name}]",
        _ => $"{_parent}.{_name}",
    };
}
