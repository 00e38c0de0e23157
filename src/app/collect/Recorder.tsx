import { Alert, Button, Select } from '@mantine/core'
import { IconCamera, IconCameraOff, IconClockPlay, IconX } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { isMirrored } from '../../classify/index.ts'
import type { CollectedClass } from '../../dataset/index.ts'
import { selectClass } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import classes from './Collect.module.css'
import { HoldButton } from './HoldButton.tsx'
import { useCamera } from './use-camera.ts'
import { useFocusWhenLost } from './use-focus-when-lost.ts'
import { useHandsFree } from './use-hands-free.ts'
import { useRecording } from './use-recording.ts'

interface RecorderProps {
  listed: readonly CollectedClass[]
  selected: CollectedClass | undefined
  startsAtOnce: boolean
  /** Whether recording is the next thing to do. */
  primary: boolean
}

/** The camera's picture, which class it goes to, and the button to hold. */
export function Recorder({ listed, selected, startsAtOnce, primary }: RecorderProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const video = useRef<HTMLVideoElement>(null)
  const hold = useRef<HTMLButtonElement>(null)
  const { stream, cameras, failure, start, stop } = useCamera(startsAtOnce)
  const { frames, last, begin, end } = useRecording(video)
  const beginSelected = () => selected && begin(selected)
  useFocusWhenLost(hold, stream)
  const handsFree = useHandsFree(beginSelected, end)

  useEffect(() => {
    if (video.current) video.current.srcObject = stream
    if (!stream) end()
  }, [stream, end])

  const mirrored = stream !== null && isMirrored(stream)
  return (
    <section className={classes.recorder} aria-labelledby="recorder-title" data-testid="recorder">
      <h2 id="recorder-title" className="visually-hidden">
        {t('collect.camera')}
      </h2>
      <div className={classes.stage} data-recording={frames !== null || undefined}>
        {stream ? (
          <video
            ref={video}
            autoPlay
            muted
            playsInline
            className={classes.video}
            data-mirrored={mirrored || undefined}
            data-testid="collect-camera"
            aria-label={mirrored ? t('collect.preview') : t('collect.preview_plain')}
          />
        ) : (
          <div className={classes.off}>
            <IconCameraOff size={40} stroke={1.4} aria-hidden="true" />
            <span>{t('collect.camera_off')}</span>
            <small>{t('collect.camera_text')}</small>
          </div>
        )}
        {frames !== null && (
          <span className={classes.live} data-testid="recording">
            {t('collect.recording', { frames: format.count(frames) })}
          </span>
        )}
        {handsFree.seconds !== null && (
          <span className={classes.countdown} role="timer">
            <span aria-hidden="true">{handsFree.seconds}</span>
            <span className="visually-hidden">{t('collect.counting', { seconds: handsFree.seconds })}</span>
          </span>
        )}
      </div>
      {failure && (
        <Alert color="red" p="xs" role="alert" data-testid="camera-error">
          {t(`collect.camera_error.${failure.code}`, { detail: failure.detail })}
        </Alert>
      )}
      <fieldset className={classes.targets}>
        <legend>{t('collect.into')}</legend>
        {listed.map(({ key, name, photos }) => (
          <label key={key} className={classes.target}>
            <input
              type="radio"
              name="collect-target"
              checked={key === selected?.key}
              onChange={() => selectClass(key)}
            />
            <span title={name}>{name}</span>
            <small>{format.count(photos.length)}</small>
          </label>
        ))}
      </fieldset>
      {stream ? (
        <>
          <HoldButton
            ref={hold}
            title={selected?.name ?? ''}
            primary={primary}
            active={frames !== null}
            onBegin={beginSelected}
            onEnd={end}
          >
            {t('collect.hold', { name: selected?.name ?? '' })}
          </HoldButton>
          <p className={classes.hint}>{t('collect.hint')}</p>
          <div className={classes.row}>
            <Button
              variant="default"
              size="xs"
              leftSection={handsFree.seconds === null ? <IconClockPlay size={15} /> : <IconX size={15} />}
              aria-label={handsFree.seconds === null ? t('collect.hands_free') : undefined}
              title={t('collect.hands_free')}
              data-testid="hands-free"
              onClick={handsFree.seconds === null ? handsFree.start : handsFree.cancel}
            >
              {handsFree.seconds === null ? t('collect.hands_free_short') : t('collect.cancel')}
            </Button>
            {cameras.length > 1 && (
              <Select
                size="xs"
                aria-label={t('collect.camera_choice')}
                allowDeselect={false}
                value={stream.getVideoTracks()[0]?.getSettings().deviceId ?? null}
                data={cameras.map(({ id, label }, index) => ({
                  value: id,
                  label: label || t('collect.camera_n', { index: index + 1 }),
                }))}
                onChange={(id) => {
                  if (id) void start(id)
                }}
              />
            )}
            <Button variant="subtle" color="gray" size="xs" data-testid="camera-stop" onClick={stop}>
              {t('collect.camera_stop')}
            </Button>
          </div>
        </>
      ) : (
        <Button
          fullWidth
          size="md"
          variant={primary ? 'filled' : 'light'}
          leftSection={<IconCamera size={18} />}
          data-testid="camera-start"
          onClick={() => void start()}
        >
          {t('collect.camera_start')}
        </Button>
      )}
      <div className="visually-hidden" role="status" data-testid="collect-said">
        {last && t('collect.recorded', { count: last.frames, name: last.name })}
      </div>
    </section>
  )
}
