using System.Globalization;
using System.Text;

namespace Kybernet.Api.Cel;

/// <summary>What is wrong with an expression.</summary>
/// <param name="Line">Where: the line, from 1.</param>
/// <param name="Column">Where: the character of the line, from 1.</param>
/// <param name="Message">What.</param>
/// <param name="LineText">The line.</param>
public sealed record CelIssue(int Line, int Column, string Message, string LineText)
{
    /// <summary>As upstream shows it: the place, the line and a mark below.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"ERROR: <input>:{Line}:{Column}: {Message}\n | {LineText.Replace('\t', ' ')}\n | ");
        return text.Append('.', Column - 1).Append('^').ToString();
    }
}

/// <summary>The text of an expression, and what was found to be wrong with it.</summary>
internal sealed class CelSource(string text)
{
    private readonly List<(int Position, string Message)> _issues = [];

    public string Text => text;

    public bool HasIssues => _issues.Count > 0;

    public void Report(int position, string message) => _issues.Add((position, message));

    /// <summary>What is wrong, in the order of the text.</summary>
    public IReadOnlyList<CelIssue> Issues() => [.. _issues.OrderBy(static issue => issue.Position).Select(Describe)];

    private CelIssue Describe((int Position, string Message) issue)
    {
        var position = Math.Min(issue.Position, text.Length);
        var start = position == 0 ? 0 : text.LastIndexOf('\n', position - 1) + 1;
        var end = text.IndexOf('\n', position);
        var line = text[start..(end < 0 ? text.Length : end)];
        return new CelIssue(text.AsSpan(0, start).Count('\n') + 1, CodePoints.Count(text[start..position]) + 1, issue.Message, line);
    }
}
