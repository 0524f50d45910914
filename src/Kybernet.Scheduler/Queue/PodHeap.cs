namespace Kybernet.Scheduler.Queue;

/// <summary>A binary heap from whose middle a pod can be taken; a pod is in one heap at a time. Not safe to share.</summary>
internal sealed class PodHeap(Comparison<QueuedPod> compare)
{
    private QueuedPod[] _items = new QueuedPod[16];

    public int Count { get; private set; }

    public QueuedPod Peek => _items[0];

    public ReadOnlySpan<QueuedPod> Items => _items.AsSpan(0, Count);

    public void Push(QueuedPod pod)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Count * 2);
        }
        Put(Count++, pod);
        Up(pod.HeapIndex);
    }

    public QueuedPod Pop()
    {
        var first = _items[0];
        Remove(first);
        return first;
    }

    public void Remove(QueuedPod pod)
    {
        var index = pod.HeapIndex;
        var last = _items[--Count];
        _items[Count] = null!;
        pod.HeapIndex = -1;
        if (last != pod)
        {
            Put(index, last);
            Fix(last);
        }
    }

    /// <summary>Restores the order after what a pod is ordered by has changed.</summary>
    public void Fix(QueuedPod pod)
    {
        Up(pod.HeapIndex);
        Down(pod.HeapIndex);
    }

    private void Up(int index)
    {
        var pod = _items[index];
        while (index > 0 && compare(pod, _items[(index - 1) / 2]) < 0)
        {
            Put(index, _items[(index - 1) / 2]);
            index = (index - 1) / 2;
        }
        Put(index, pod);
    }

    private void Down(int index)
    {
        var pod = _items[index];
        while (index * 2 + 1 < Count)
        {
            var child = index * 2 + 1;
            if (child + 1 < Count && compare(_items[child + 1], _items[child]) < 0)
            {
                child++;
            }
            if (compare(_items[child], pod) >= 0)
            {
                break;
            }
            Put(index, _items[child]);
            index = child;
        }
        Put(index, pod);
    }

    private void Put(int index, QueuedPod pod)
    {
        _items[index] = pod;
        pod.HeapIndex = index;
    }
}
