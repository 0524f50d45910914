using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Kybernet.Testing.Nodes;

/// <summary>Which part of a log was asked for. A hollow container's lines have no times, so those that ask for times get all.</summary>
internal sealed record LogSelection(int? TailLines, int? LimitBytes)
{
    public static LogSelection Of(Uri target)
    {
        var query = QueryHelpers.ParseQuery(target.Query);
        return new LogSelection(Number("tailLines"), Number("limitBytes"));

        int? Number(string name) => query.TryGetValue(name, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    public string Apply(string logs)
    {
        if (TailLines is { } tail)
        {
            var lines = logs.Split('\n');
            var last = lines[^1].Length == 0 ? 1 : 0; // what follows the last line's end
            logs = string.Join('\n', lines[Math.Max(0, lines.Length - last - tail)..]);
        }
        return LimitBytes is { } limit && Encoding.UTF8.GetByteCount(logs) > limit ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(logs).AsSpan(0, limit)) : logs;
    }
}
