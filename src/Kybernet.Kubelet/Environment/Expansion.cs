using System.Text;

namespace Kybernet.Kubelet.Environment;

/// <summary>
/// Replaces references to variables, spelt <c>$(NAME)</c>, in commands, arguments, values and paths. <c>$$</c> stands for one dollar, so that
/// <c>$$(NAME)</c> is no reference; a reference to what is not defined stays as it is written.
/// </summary>
internal static class Expansion
{
    /// <summary>Expands a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="lookUp">The value of a variable; null where there is none of that name.</param>
    public static string Expand(string text, Func<string, string?> lookUp)
    {
        if (!text.Contains('$'))
        {
            return text;
        }
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }
            if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
                continue;
            }
            var end = text[i + 1] == '(' ? text.IndexOf(')', i + 2) : -1;
            if (end < 0)
            {
                result.Append('$');
                continue;
            }
            result.Append(lookUp(text[(i + 2)..end]) ?? text[i..(end + 1)]);
            i = end;
        }
        return result.ToString();
    }
}
