using System.Text;

namespace Kybernet.Api.Generator;

/// <summary>
/// A field as a property. Lists and maps are never null, nor are required fields, nor an object's <c>metadata</c>, <c>spec</c> and
/// <c>status</c> (an absent one is its type's <c>Empty</c>); every other field is null where it is absent.
/// </summary>
internal sealed class Property
{
    public Property(TypeFact owner, FieldFact field, TypeNames names)
    {
        JsonName = field.Name;
        Name = Identifier(field.Name);
        if (Name == owner.ClassName || Name is "Empty" or "Equals" or "Read" or "Resource" && owner.Kind is not null)
        {
            Name += "Value";
        }
        Type = names.Resolve(field.Type);
        var isPart = field.Name is "metadata" or "spec" or "status" && !Type.IsValue && Type.Name.StartsWith("global::");
        IsNullable = !Type.IsCollection && !field.Required && !isPart;
        Declaration = IsNullable ? Type.Name + "?" : Type.Name;
        Initializer = IsNullable || (Type.IsValue && Type.Empty is "default" or "0" or "false") ? "" : $" = {Type.Empty};";
        Condition = Type.IsCollection && !field.Required ? $"{Name}.Count > 0"
            : IsNullable ? $"{Name} is not null"
            : isPart && !field.Required ? $"!ReferenceEquals({Name}, {Type.Empty})"
            : null;
    }

    public string JsonName { get; }

    public string Name { get; }

    public CSharpType Type { get; }

    public bool IsNullable { get; }

    public string Declaration { get; }

    public string Initializer { get; }

    /// <summary>When the field is written; null for always.</summary>
    public string? Condition { get; }

    private static string Identifier(string jsonName)
    {
        var name = new StringBuilder();
        var upper = true;
        foreach (var c in jsonName)
        {
            if (c is '$' or '-' or '_')
            {
                upper = true;
                continue;
            }
            name.Append(upper ? char.ToUpperInvariant(c) : c);
            upper = false;
        }
        return name.ToString();
    }
}
