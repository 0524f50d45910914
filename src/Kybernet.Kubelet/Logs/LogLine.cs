using System.Globalization;
using System.Text;

namespace Kybernet.Kubelet.Logs;

/// <summary>
/// A line of a container's log as the runtime writes it: <c>2016-10-06T00:17:09.669794202Z stdout F content</c>, where <c>P</c> instead of <c>F</c>
/// says that the line goes on in the next one.
/// </summary>
internal readonly ref struct LogLine
{
    private LogLine(ReadOnlySpan<byte> timestamp, bool isStandardError, bool isPartial, ReadOnlySpan<byte> content)
    {
        Timestamp = timestamp;
        IsStandardError = isStandardError;
        IsPartial = isPartial;
        Content = content;
    }

    public ReadOnlySpan<byte> Timestamp { get; }

    public bool IsStandardError { get; }

    public bool IsPartial { get; }

    public ReadOnlySpan<byte> Content { get; }

    /// <summary>When it was written; the smallest time where that cannot be read.</summary>
    public DateTimeOffset Time => DateTimeOffset.TryParse(
        Encoding.ASCII.GetString(Timestamp), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : DateTimeOffset.MinValue;

    /// <summary>Parses a line, without its line feed. What is not in the format is all content.</summary>
    public static LogLine Parse(ReadOnlySpan<byte> line)
    {
        var first = line.IndexOf((byte)' ');
        if (first < 0)
        {
            return new LogLine([], false, false, line);
        }
        var rest = line[(first + 1)..];
        var second = rest.IndexOf((byte)' ');
        if (second < 0)
        {
            return new LogLine([], false, false, line);
        }
        var stream = rest[..second];
        rest = rest[(second + 1)..];
        var third = rest.IndexOf((byte)' ');
        var tags = third < 0 ? rest : rest[..third];
        return new LogLine(line[..first], stream.SequenceEqual("stderr"u8), tags.Length > 0 && tags[0] == 'P', third < 0 ? [] : rest[(third + 1)..]);
    }
}
