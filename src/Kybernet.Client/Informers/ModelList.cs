using System.Collections;
using Kybernet.Api;
using Kybernet.Api.Json;

namespace Kybernet.Client;

/// <summary>A snapshot of objects as models that are decoded when they are first looked at, and shared with everyone who looks at the same object.</summary>
internal sealed class ModelList<T>(EncodedObject[] objects) : IReadOnlyList<T>
    where T : class, IResourceObject<T>
{
    public int Count => objects.Length;

    public T this[int index] => objects[index].As<T>();

    public IEnumerator<T> GetEnumerator()
    {
        foreach (var item in objects)
        {
            yield return item.As<T>();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
