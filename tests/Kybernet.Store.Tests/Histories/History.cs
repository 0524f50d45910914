using System.Globalization;

namespace Kybernet.Store.Tests.Histories;

/// <summary>What a key is at some revision.</summary>
internal sealed record KeyState(long Mod, long Create, long Version, string Token)
{
    public static KeyState? Parse(string text) => text.Split(':') is [var mod, var create, var version, var token]
        ? new KeyState(History.Number(mod), History.Number(create), History.Number(version), token)
        : text == "-" ? null : throw new FormatException(text);
}

/// <summary>How a request ended.</summary>
internal enum Ending
{
    /// <summary>It was cut off, or the store does not know.</summary>
    Unknown,

    /// <summary>The store says that nothing was done.</summary>
    Failed,

    Answered,

    /// <summary>A write whose precondition did not hold.</summary>
    Refused,

    /// <summary>What was to be read was compacted away.</summary>
    Compacted,
}

/// <summary>One request: from the line that begins it to the one that ends it.</summary>
internal abstract record Request(string Id, int Start)
{
    public int End { get; set; } = int.MaxValue;

    public Ending Ending { get; set; }

    /// <summary>The revision that the answer names.</summary>
    public long Revision { get; set; }
}

internal sealed record WriteOf(string Id, int Start, string Key, long? Expected, string Token) : Request(Id, Start)
{
    public bool IsDeletion => Token == "-";

    public KeyState? State { get; set; }
}

internal sealed record GetOf(string Id, int Start, string Key) : Request(Id, Start)
{
    public KeyState? State { get; set; }
}

internal sealed record RangeOf(string Id, int Start, string Prefix, long At) : Request(Id, Start)
{
    public Dictionary<string, KeyState> Items { get; } = new(StringComparer.Ordinal);
}

internal sealed record CompactionOf(string Id, int Start, long Through) : Request(Id, Start);

/// <summary>One event as a watcher was told of it.</summary>
internal sealed record EventOf(string Key, long Revision, KeyState? Current, KeyState? Previous);

internal sealed record BatchOf(int Line, long Revision, IReadOnlyList<EventOf> Events);

/// <summary>One watch, from where it began to where it was left.</summary>
internal sealed record WatchOf(string Id, string Prefix, long After)
{
    public List<BatchOf> Batches { get; } = [];
}

/// <summary>A history, read from its lines.</summary>
internal sealed class History
{
    /// <summary>The prefix that all keys of a workload have.</summary>
    public const string Everything = "/registry/";

    private readonly Dictionary<string, Request> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WatchOf> _watches = new(StringComparer.Ordinal);

    public List<Request> Requests { get; } = [];

    public IEnumerable<WatchOf> Watches => _watches.Values;

    public int Lines { get; private set; }

    /// <summary>How far those watchers have come who are told of everything.</summary>
    public long Reached => _watches.Values.Where(static watch => watch.Prefix == Everything)
        .Select(static watch => watch.Batches.Count > 0 ? watch.Batches[^1].Revision : watch.After).DefaultIfEmpty(1).Max();

    public static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    public static History Parse(string lines)
    {
        var history = new History();
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            history.Add(line);
        }
        return history;
    }

    /// <summary>Adds a line; one that was cut off tells nothing.</summary>
    public void Add(string line)
    {
        if (!line.EndsWith(" .", StringComparison.Ordinal))
        {
            return;
        }
        var at = ++Lines;
        var words = line[..^2].Split(' ');
        switch (words)
        {
            case ["w", var id, var key, var expected, var token]:
                Begin(new WriteOf(id, at, key, expected == "-" ? null : Number(expected), token));
                break;
            case ["g", var id, var key]:
                Begin(new GetOf(id, at, key));
                break;
            case ["r", var id, var prefix, var revision]:
                Begin(new RangeOf(id, at, prefix, Number(revision)));
                break;
            case ["c", var id, var revision]:
                Begin(new CompactionOf(id, at, Number(revision)));
                break;
            case ["o", var id, var prefix, var after]:
                _watches.Add(id, new WatchOf(id, prefix, Number(after)));
                break;
            case ["B", var id, var revision, .. var events]:
                _watches[id].Batches.Add(new BatchOf(at, Number(revision), [.. events.Select(EventIn)]));
                break;
            default:
                End(_open[words[1]], at, words);
                break;
        }
    }

    private static EventOf EventIn(string text)
    {
        var (name, states) = (text[..text.IndexOf('=', StringComparison.Ordinal)].Split('@'), text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..].Split('>'));
        return new EventOf(name[0], Number(name[1]), KeyState.Parse(states[0]), KeyState.Parse(states[1]));
    }

    private static void End(Request request, int at, string[] words)
    {
        request.End = at;
        switch (request, words)
        {
            case (_, [_, _, "failed"]):
                request.Ending = Ending.Failed;
                return;
            case (_, [_, _, "maybe"]):
                request.End = int.MaxValue; // it may yet happen
                return;
            case (_, [_, _, "compacted"]):
                request.Ending = Ending.Compacted;
                return;
            case (WriteOf write, [_, _, var outcome, var revision, var state]):
                write.Ending = outcome == "ok" ? Ending.Answered : Ending.Refused;
                write.Revision = Number(revision);
                write.State = KeyState.Parse(state);
                return;
            case (GetOf get, [_, _, var state]):
                get.State = KeyState.Parse(state);
                get.Revision = get.State?.Mod ?? 0;
                break;
            case (RangeOf range, [_, _, var revision, .. var items]):
                range.Revision = Number(revision);
                foreach (var item in items)
                {
                    range.Items.Add(item[..item.IndexOf('=', StringComparison.Ordinal)], KeyState.Parse(item[(item.IndexOf('=', StringComparison.Ordinal) + 1)..])!);
                }
                break;
            case (CompactionOf, [_, _, "done"]):
                break;
            default:
                throw new FormatException(string.Join(' ', words));
        }
        request.Ending = Ending.Answered;
    }

    private void Begin(Request request)
    {
        _open.Add(request.Id, request);
        Requests.Add(request);
    }
}
