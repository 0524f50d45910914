using System.Globalization;
using System.Text;

namespace Kybernet.Controllers.Jobs;

/// <summary>Completion indexes, written as in <c>1,3-5,7</c>.</summary>
internal sealed class IndexSet
{
    private readonly SortedSet<int> _indexes = [];

    public int Count => _indexes.Count;

    /// <summary>Reads the text of a status or a policy; what is no index below the number of completions is left out.</summary>
    public static IndexSet Parse(string? text, int completions)
    {
        var set = new IndexSet();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var dash = part.IndexOf('-', StringComparison.Ordinal);
            var ends = dash < 0 ? (part, part) : (part[..dash], part[(dash + 1)..]);
            if (TryParse(ends.Item1, out var first) && TryParse(ends.Item2, out var last))
            {
                for (var index = first; index <= last && index < completions; index++)
                {
                    set.Add(index);
                }
            }
        }
        return set;
    }

    public bool Contains(int index) => _indexes.Contains(index);

    /// <returns>Whether it was not there yet.</returns>
    public bool Add(int index) => _indexes.Add(index);

    public IndexSet Copy()
    {
        var copy = new IndexSet();
        copy._indexes.UnionWith(_indexes);
        return copy;
    }

    public int CountOf(IndexSet others) => _indexes.Count(others.Contains);

    /// <summary>Three and more in a row are written as a range.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        int? first = null;
        var last = 0;
        foreach (var index in _indexes)
        {
            if (first is not null && index == last + 1)
            {
                last = index;
                continue;
            }
            Append(text, first, last);
            (first, last) = (index, index);
        }
        Append(text, first, last);
        return text.ToString();
    }

    private static void Append(StringBuilder text, int? first, int last)
    {
        if (first is null)
        {
            return;
        }
        text.Append(text.Length == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{first}");
        if (last > first)
        {
            text.Append(last == first + 1 ? ',' : '-').Append(CultureInfo.InvariantCulture, $"{last}");
        }
    }

    private static bool TryParse(string text, out int index) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index);
}
