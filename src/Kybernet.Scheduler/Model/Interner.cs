namespace Kybernet.Scheduler.Model;

/// <summary>
/// Gives strings small numbers, so that labels, taints and topologies are compared as integers. Numbers are never taken back: only what nodes and
/// pod specs say about nodes goes in (a bounded vocabulary), never what is particular to one pod, such as its own labels. Safe to share.
/// </summary>
internal sealed class Interner
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal) { [""] = 0 };
    private string[] _texts = ["", "", "", ""];
    private int _count = 1;

    /// <summary>The number of the empty string.</summary>
    public const int Empty = 0;

    /// <summary>How many strings have a number.</summary>
    public int Count => Volatile.Read(ref _count);

    public int Intern(string text)
    {
        if (text.Length == 0)
        {
            return Empty;
        }
        lock (_lock)
        {
            if (_ids.TryGetValue(text, out var id))
            {
                return id;
            }
            if (_count == _texts.Length)
            {
                // Readers index the array without the lock: it is replaced, never resized under them.
                var larger = new string[_texts.Length * 2];
                _texts.CopyTo(larger, 0);
                Volatile.Write(ref _texts, larger);
            }
            _texts[_count] = text;
            _ids[text] = _count;
            return _count++;
        }
    }

    public string Text(int id) => Volatile.Read(ref _texts)[id];
}
