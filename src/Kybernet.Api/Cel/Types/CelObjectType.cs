namespace Kybernet.Api.Cel;

/// <summary>One field of an object's type.</summary>
/// <param name="JsonName">Its name in JSON. An expression spells it as an identifier: see <see cref="CelNames.Escape"/>.</param>
/// <param name="Type">What its value is.</param>
public sealed record CelField(string JsonName, CelType Type);

/// <summary>The type of objects whose fields are declared.</summary>
/// <param name="name">What errors call it.</param>
/// <param name="fields">Gives the fields by the names that expressions use; asked once they are needed, since types may contain themselves.</param>
public sealed class CelObjectType(string name, Func<IReadOnlyDictionary<string, CelField>> fields) : CelType(CelKind.Object, name)
{
    private readonly Lazy<IReadOnlyDictionary<string, CelField>> _fields = new(fields);

    /// <summary>The fields, by the names that expressions use.</summary>
    public IReadOnlyDictionary<string, CelField> Fields => _fields.Value;

    /// <summary>Whether there may be any other field, of any type.</summary>
    public bool IsOpen { get; init; }

    /// <summary>A type whose fields are named as they are in JSON.</summary>
    public static CelObjectType Of(string name, params IReadOnlyList<CelField> fields) =>
        new(name, () => fields.ToDictionary(static field => field.JsonName, StringComparer.Ordinal));

    /// <summary>The field of a name; null where there is none.</summary>
    public CelField? Find(string field) => Fields.GetValueOrDefault(field) ?? (IsOpen ? new CelField(field, Dyn) : null);
}
