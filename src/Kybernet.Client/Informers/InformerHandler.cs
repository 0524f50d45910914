namespace Kybernet.Client;

/// <summary>An <see cref="IInformerHandler{T}"/> made of functions; one that is left out means that nobody cares.</summary>
/// <param name="onAdded">Is given what came.</param>
/// <param name="onUpdated">Is given the state before and the state after.</param>
/// <param name="onDeleted">Is given the last known state of what went.</param>
public sealed class InformerHandler<T>(Action<T>? onAdded = null, Action<T, T>? onUpdated = null, Action<T>? onDeleted = null) : IInformerHandler<T>
{
    /// <inheritdoc/>
    public void OnAdded(T added) => onAdded?.Invoke(added);

    /// <inheritdoc/>
    public void OnUpdated(T previous, T current) => onUpdated?.Invoke(previous, current);

    /// <inheritdoc/>
    public void OnDeleted(T deleted) => onDeleted?.Invoke(deleted);
}
