using System.Text;

namespace Kybernet.Api.Cel;

/// <summary>How fields whose names are no identifiers are spelt in expressions (Kubernetes documentation, "Validation rules": escaping).</summary>
public static class CelNames
{
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace",
        "return", "var", "void", "while",
    };

    /// <summary>Whether a name is a word of the language.</summary>
    public static bool IsReserved(string name) => Reserved.Contains(name);

    /// <summary>The identifier for a field; null where it has none.</summary>
    public static string? Escape(string name)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
        {
            return null;
        }
        if (Reserved.Contains(name))
        {
            return $"__{name}__";
        }
        var escaped = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            switch (name[i])
            {
                case '_' when i + 1 < name.Length && name[i + 1] == '_':
                    escaped.Append("__underscores__");
                    i++;
                    break;
                case '.':
                    escaped.Append("__dot__");
                    break;
                case '-':
                    escaped.Append("__dash__");
                    break;
                case '/':
                    escaped.Append("__slash__");
                    break;
                case '_':
                case var letter when char.IsAsciiLetterOrDigit(letter):
                    escaped.Append(name[i]);
                    break;
                default:
                    return null;
            }
        }
        return escaped.ToString();
    }
}
