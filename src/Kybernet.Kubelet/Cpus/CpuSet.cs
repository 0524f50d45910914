using System.Globalization;

namespace Kybernet.Kubelet.Cpus;

/// <summary>Some of the machine's processors, as the kernel numbers them.</summary>
internal sealed class CpuSet : IEquatable<CpuSet>
{
    private readonly int[] _cpus;

    private CpuSet(IEnumerable<int> cpus) => _cpus = [.. cpus.Distinct().Order()];

    public static CpuSet Empty { get; } = new([]);

    public int Count => _cpus.Length;

    public static CpuSet Of(IEnumerable<int> cpus) => new(cpus);

    /// <summary>Reads the kernel's way of writing them, as in <c>0-3,7</c>.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static CpuSet Parse(string text)
    {
        var cpus = new List<int>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-', 2);
            var first = int.Parse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture);
            var last = int.Parse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture);
            if (last < first)
            {
                throw new FormatException($"invalid range {part}");
            }
            cpus.AddRange(Enumerable.Range(first, last - first + 1));
        }
        return new CpuSet(cpus);
    }

    public IEnumerable<int> Enumerate() => _cpus;

    public bool Contains(int cpu) => Array.BinarySearch(_cpus, cpu) >= 0;

    public CpuSet Union(CpuSet other) => new(_cpus.Concat(other._cpus));

    public CpuSet Except(CpuSet other) => new(_cpus.Where(cpu => !other.Contains(cpu)));

    public bool Overlaps(CpuSet other) => _cpus.Any(other.Contains);

    public bool Equals(CpuSet? other) => other is not null && _cpus.AsSpan().SequenceEqual(other._cpus);

    public override bool Equals(object? obj) => Equals(obj as CpuSet);

    public override int GetHashCode() => _cpus.Aggregate(0, HashCode.Combine);

    public override string ToString()
    {
        var parts = new List<string>();
        for (var i = 0; i < _cpus.Length;)
        {
            var end = i;
            while (end + 1 < _cpus.Length && _cpus[end + 1] == _cpus[end] + 1)
            {
                end++;
            }
            parts.Add(end == i ? $"{_cpus[i]}" : $"{_cpus[i]}-{_cpus[end]}");
            i = end + 1;
        }
        return string.Join(',', parts);
    }
}
