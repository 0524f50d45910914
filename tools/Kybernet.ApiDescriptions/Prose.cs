using System.Text;

namespace Kybernet.ApiDescriptions;

/// <summary>Puts paragraphs together again that were broken into lines for the width of a page.</summary>
internal static class Prose
{
    private const int Width = 80;

    /// <summary>
    /// Joins lines that were broken because the next word did not fit. Where it would have fitted, the break is the author's and is kept: it
    /// stands between paragraphs and before the items of lists.
    /// </summary>
    public static string Unwrap(string text)
    {
        var lines = text.Split('\n').Select(line => line.Trim()).ToList();
        var prose = new StringBuilder();
        for (var i = 0; i < lines.Count; i++)
        {
            if (i > 0)
            {
                prose.Append(IsWrapped(lines[i - 1], lines[i]) ? ' ' : '\n');
            }
            prose.Append(lines[i]);
        }
        return prose.ToString().Trim();
    }

    private static bool IsWrapped(string line, string next)
    {
        if (line.Length == 0 || next.Length == 0)
        {
            return false;
        }
        var space = next.IndexOf(' ');
        var word = space < 0 ? next.Length : space;
        return line.Length + 1 + word > Width;
    }
}
