namespace Kybernet.Scheduler.Cache;

/// <summary>Counts on how many nodes each image is.</summary>
internal sealed class ImageTable
{
    private int[] _nodes = [];
    private bool _changed;

    public void Add((int Image, long Size)[] images) => Count(images, 1);

    public void Remove((int Image, long Size)[] images) => Count(images, -1);

    /// <summary>A copy of the counts by image number, where they have changed since the last; else null.</summary>
    public int[]? TakeChanged()
    {
        if (!_changed)
        {
            return null;
        }
        _changed = false;
        return (int[])_nodes.Clone();
    }

    private void Count((int Image, long Size)[] images, int sign)
    {
        foreach (var (image, _) in images)
        {
            if (image >= _nodes.Length)
            {
                Array.Resize(ref _nodes, Math.Max(image + 1, _nodes.Length * 2));
            }
            _nodes[image] += sign;
            _changed = true;
        }
    }
}
