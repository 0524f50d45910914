namespace Kybernet.ApiServer.FlowControl;

/// <summary>A priority level at one moment.</summary>
/// <param name="Limit">Its seats.</param>
/// <param name="Executing">Its requests that go on.</param>
/// <param name="HeldSeats">The seats that they hold.</param>
/// <param name="Waiting">Its requests that wait.</param>
/// <param name="Queues">Its queues, in order.</param>
internal sealed record LevelState(int Limit, int Executing, int HeldSeats, int Waiting, IReadOnlyList<QueueState> Queues);

/// <summary>A queue at one moment.</summary>
/// <param name="Waiting">How many requests wait.</param>
/// <param name="WaitingSeats">The seats that they want.</param>
/// <param name="HeldSeats">The seats that its requests hold.</param>
/// <param name="VirtualStart">The virtual time at which the first would begin, in seat-seconds.</param>
/// <param name="Requests">The requests that wait, in order.</param>
internal sealed record QueueState(int Waiting, int WaitingSeats, int HeldSeats, double VirtualStart, IReadOnlyList<SeatRequest> Requests);
